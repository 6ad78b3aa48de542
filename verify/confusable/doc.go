// Package confusable finds names that can be taken for other names: letters of
// scripts that no language writes together, letters that look like ASCII and
// are not, characters that cannot be seen.
//
// It follows Unicode Technical Standard #39 (Unicode Security Mechanisms): the
// skeletons of section 4, and for mixed scripts the restriction level "highly
// restrictive" of section 5.2, one script, or Latin beside the scripts of
// Chinese, Japanese or Korean. Script_Extensions are not considered: what is
// common to several scripts counts as none.
//
// It judges; what a judgement is worth is decided in package verify.
package confusable
