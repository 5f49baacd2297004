//! The files one looks at together, and who is who among them.
