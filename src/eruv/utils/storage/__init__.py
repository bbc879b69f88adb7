"""Files on object storage, s3:// and gs://, under the same names and verbs as local ones."""
