"""Reports. This app reads other apps' tables and changes none."""
