"""What people did: events with a name, a time, perhaps a value and properties.

`limits` says what an event may be, `writing` writes it once however often it comes, `listing` counts a
workspace's, `unused` deletes names that nothing uses.
"""
