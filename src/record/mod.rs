//! The bundle on disk: canonical `record.json` and the evidence beside it, written atomically.
