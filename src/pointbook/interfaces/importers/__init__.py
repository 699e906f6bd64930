"""Files in: facts and people from NDJSON, CSV and Parquet."""
