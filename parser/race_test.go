//go:build race

package parser

// The race detector makes everything many times slower.
const raceDetector = true
