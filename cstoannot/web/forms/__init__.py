"""What people type: shapes only. What it may mean, the actions decide."""
