//! The data keys a node holds, and the file that brings them back at its next start.
