allow(user: auth::User, "read", repo: code::Repo) if repo.is_public and user.is_active;
