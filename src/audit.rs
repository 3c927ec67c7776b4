//! A whole audit on one page: load, measure, judge, record, render.
