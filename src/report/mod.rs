//! The documents: a frozen view of the record, and Markdown and HTML from it. Sees nothing but the record and evidence.
