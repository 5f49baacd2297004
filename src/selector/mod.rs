//! `match[]`: lexer, parser, printer, explanation.
