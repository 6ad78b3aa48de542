// Package ui is the interactive screen: a bubbletea program over the engine.
//
//	Update   routes a message: the overlay first, then the screen on top of
//	         the stack, then the keys that work everywhere
//	screens  packages, package, triage, and pages of text (help, messages,
//	         coverage, trust); each handles its own keys and answers with an
//	         [action], which the model performs
//	View     divides the screen (ui/layout) and lets each part draw its lines
//
// Nothing here waits: files and the network are the business of the [Engine]
// and of commands, which call the functions of [Options]. Every line that
// leaves View has at most the screen's width, and no control bytes but the
// theme's own styles: text from outside is cleaned when it arrives.
package ui
