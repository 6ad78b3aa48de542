package yamlfile

import "gopkg.in/yaml.v3"

// Bool returns true or false as YAML 1.2 writes them, absent where the key is
// absent.
func (m Map) Bool(key string) (value, present bool) {
	node := m.value(key)
	if node == nil {
		return false, false
	}
	if node.Kind != yaml.ScalarNode || node.ShortTag() != "!!bool" || node.Value != "true" && node.Value != "false" {
		m.Fail(key, "expected true or false, found %s", describe(node))
		return false, false
	}
	return node.Value == "true", true
}
