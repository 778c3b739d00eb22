# W1 roles. What a role may do is data, as the documentation of Open Policy Agent shows it.
package roles

default allow := false

allow if {
	some role in data.users[input.user].roles
	role.repository == input.repository
	input.action in data.grants[role.name]
}
