//! How values are written for people: `1,026 of 1,044 (98.28 %)`, `47.8 hours`, `15.2 GiB`, `20 October 2025, 20:28 UTC`.
