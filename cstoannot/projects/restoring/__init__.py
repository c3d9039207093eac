"""Projects that come out of an archive: nobody sees them until all of them is there."""
