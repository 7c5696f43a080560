//! Takes an SDL file to a URL.
