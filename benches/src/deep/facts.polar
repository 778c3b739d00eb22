# W3 deep over facts, for Arctos.

actor User {}

resource Folder {
  roles = ["reader"];
  permissions = ["read"];
  relations = { parent: Folder };

  "read" if "reader";
  "reader" if "reader" on "parent";
}
