package engine

// ReadOnly has an engine take its history for one that can only be read.
func ReadOnly(e *Engine, why string) { e.why = why }
