//! Audit file as written -> validated plan. All problems at once, each with file, line, column and a way out.
