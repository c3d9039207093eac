"""Pages of threads, and the panel of threads that other pages include."""
