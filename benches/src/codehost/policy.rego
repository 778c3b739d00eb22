# W2 codehost. What a role may do, and which role on a repository a role on its organization implies, is data.
package codehost

default allow := false

user := data.users[input.user]

allow if {
	input.kind == "organization"
	some role in user.org_roles
	role.organization == input.id
	input.action in data.grants.organization[role.name]
}

allow if {
	input.kind == "repository"
	on_repository("repository", input.id)
}

allow if {
	input.kind == "repository"
	input.action == "read"
	data.repositories[input.id].public
}

allow if {
	input.kind == "issue"
	on_repository("issue", data.issues[input.id].repository)
}

allow if {
	input.kind == "issue"
	input.action == "read"
	data.repositories[data.issues[input.id].repository].public
}

allow if {
	input.kind == "issue"
	input.action == "close"
	data.issues[input.id].creator == input.user
}

on_repository(kind, id) if {
	some role in user.repo_roles
	role.repository == id
	input.action in data.grants[kind][role.name]
}

on_repository(kind, id) if {
	organization := data.repositories[id].organization
	some role in user.org_roles
	role.organization == organization
	input.action in data.grants[kind][data.implied[role.name]]
}
