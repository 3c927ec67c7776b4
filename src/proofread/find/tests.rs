//! What is found, and what is said when it is not.
