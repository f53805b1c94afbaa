"""The merchant's manual: the Markdown files of docs/manual, shown as pages to everybody who is logged in."""
