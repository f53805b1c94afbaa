"""What a reader gets to see of a message: its visible links and texts, for each branch of its conditions; its pictures;
merge tags that are another product's."""
