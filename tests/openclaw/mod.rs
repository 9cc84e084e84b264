//! What stands on the server, held as snapshots: a change there has to be seen.

mod scripts;
