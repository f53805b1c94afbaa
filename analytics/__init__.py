"""What came of it: reports that read other apps' tables and change none."""
