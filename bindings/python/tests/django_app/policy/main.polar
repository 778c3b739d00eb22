# What the tests of `arctos.django` ask.

allow(user: auth::User, action, repo: code::Repo) if
    user.is_active and permitted(user, action, repo);
allow(_: auth::AnonymousUser, "read", repo: code::Repo) if
    repo.is_public;

permitted(_, "read", repo) if repo.is_public;
permitted(user, _, repo) if owns(user, repo);

owns(user, repo: code::Repo) if owns(user, repo.org);
owns(user, repo: code::Repo) if owns(user, repo.parent);
owns(user, org: code::Org) if org.owner.name = user.username;

allow(user: auth::User, "read", org: code::Org) if
    org.owner.name = user.username;
allow(_: auth::User, "read", org: code::Org) if org.level = 1;
allow(user: auth::User, "read", issue: code::Issue) if
    allow(user, "read", issue.repo) and issue.number > 0;
allow(_: auth::User, "read", comment: code::Comment) if
    comment.text.upper() = "A";

allow(_, _, request: HttpRequest) if request.path != "/closed";
