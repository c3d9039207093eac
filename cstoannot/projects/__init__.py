"""Projects, members and invitations; `open_project` is the only access to a project."""
