# Who may do what with pages.

allow(_, "read", page: Page) if page.is_public;
allow(user: User, "read", page: Page) if page.team_id in user.teams;
allow(user: User, action, page: Page) if
    action in ["read", "edit"] and page.author_id = user.id and not page.is_locked;
