# W3 groups. Rego has no recursion; `graph.reachable` is what its documentation gives for hierarchies.
package deep

default allow := false

allow if {
	some group in graph.reachable(data.groups, {input.user})
	group in data.repositories[input.repository].readers
}
