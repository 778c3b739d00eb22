# W3 deep. Rego has no recursion; `graph.reachable` is what its documentation gives for hierarchies.
package deep

default allow := false

allow if {
	some folder in graph.reachable(data.parents, {input.folder})
	folder in data.users[input.user].folders
}
