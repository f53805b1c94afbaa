"""Files that are kept outside the database: in a folder or in an S3 bucket, as FILES_URL says.

`keeping` puts, reads and deletes them, `names` says what they are called, `places` where they are. `marker` proves that
every machine sees the same place, `columns` lists the columns that name files, `sweeping` deletes what no row names.
Never call `keeping` in a request's transaction: a bucket is another server.
"""
