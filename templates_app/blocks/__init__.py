"""Messages made of blocks: what a merchant makes in the block editor.

`Document` is the truth, a small JSON of typed blocks; `rendering` makes the HTML of it that is sent, `editing` changes
it. A kind of block is a file in `types`.
"""
