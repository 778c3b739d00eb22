# W5 published, code hosting: what is of this application alone.

resource Thing {
  roles = ["reader", "triager", "writer", "maintainer", "admin"];
  permissions = ["pull", "label", "push", "configure", "delete"];

  "pull" if "reader";
  "label" if "triager";
  "push" if "writer";
  "configure" if "maintainer";
  "delete" if "admin";

  "reader" if "triager";
  "triager" if "writer";
  "writer" if "maintainer";
  "maintainer" if "admin";
}
