"""How `import_statuspage` gets hold of another page: from files, from public documents, from the v1 API."""
