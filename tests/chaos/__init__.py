"""A campaign under attack (kills, restarts, lost replies, races), and an oracle that compares the server's log with the
database. `bin/chaos` runs it in any size, the tests in a small one."""
