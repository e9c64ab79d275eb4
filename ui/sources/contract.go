package sources

import (
	"fmt"

	"fyne.io/fyne/v2"

	"hookglass/core/platform"
	"hookglass/ui/control"
)

// contractView is what a platform promises, and where its sources contradict each other.
func contractView(p platform.Platform) fyne.CanvasObject {
	var parts []fyne.CanvasObject
	if n := len(p.Disputes); n > 0 {
		title := fmt.Sprintf("%d contradictions", n)
		if n == 1 {
			title = "1 contradiction"
		}
		parts = append(parts, factList(title, "Where the platform's document and its code, or two places of one document, do not agree.", "triangle-alert", control.Amber, p.Disputes))
	}
	parts = append(parts, factList("The contract in short", "What this source does, and where that is from.", "check", control.Green, p.Contract))
	if len(p.Shipped) > 0 {
		parts = append(parts, factList("As shipped", "What the code profile does otherwise.", "code", control.Violet, p.Shipped))
	}
	return control.Col(18, parts...)
}

// factList is a line each with its source.
func factList(title, below, icon string, tone control.Token, facts []platform.Fact) fyne.CanvasObject {
	rows := []fyne.CanvasObject{control.Col(2, control.NewText(title, control.Title), control.NewParagraph(below, control.Small))}
	for _, f := range facts {
		words := control.Col(2, control.NewParagraph(f.Text, control.Body), control.NewParagraph(f.Source, control.Small.In(control.Faint)))
		rows = append(rows, control.RowFill(10, control.Col(0, control.Gap(0, 2), control.NewIcon(icon, tone, 14)), control.Grow(words)))
	}
	return control.Wide(760, control.Col(10, rows...))
}
