"""One file a format; the registry above lists them."""
