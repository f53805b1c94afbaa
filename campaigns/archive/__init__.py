"""The archive: a public page of a workspace's past newsletters, with a feed. Off until somebody opens it."""
