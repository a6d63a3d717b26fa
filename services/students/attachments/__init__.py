"""The bytes of attachments. In reading order:

- `settings`: where the bytes are, how long an upload may wait for its command, the virus scanner
- `kinds`: judges by its content what a file is
- `scanning`: asks a virus scanner
- `blobs`: the store of bytes, by their hash
- `receiving`: takes an upload: counts, hashes, judges, scans, stores
- `reading`: lists attachments and sends their bytes
- `sweeping`: removes the bytes that no record names
- `routes`: the addresses
"""
