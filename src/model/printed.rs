//! Numbers as people print them ("98.28 %", "47h", "15.2 GB", "~80", "1,026/1,044 (98.28%)"), each read as the interval
//! its digits stand for. The later proofreader stands on this same code.
