"""The pages for members of a project, invitations, and people named in an archive."""
