//! Facts, conditions, claims, waivers and times in; statuses, scores and the verdict out. Pure: no I/O, no clock.
