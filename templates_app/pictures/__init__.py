"""The workspace's pictures: reading what was uploaded, keeping its sizes, where each is used, serving them.

`decoding` reads an upload in a process of its own and makes the sizes, `uploading` keeps them and writes their rows,
`uses` and `replacing` know the templates, `publishing` answers the public addresses.
"""
