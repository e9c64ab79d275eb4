package control

import (
	"image/color"
	"sync"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"hookglass/assets"
)

// Mode says where the theme takes its brightness from.
type Mode string

// The modes.
const (
	FollowSystem Mode = "system"
	DarkMode     Mode = "dark"
	LightMode    Mode = "light"
)

// Theme is the look of the window. Make it with [NewTheme]; set another one to change the mode.
type Theme struct {
	mode        Mode
	dark, light palette
	base        fyne.Theme
}

// NewTheme returns the theme in a mode; any other word than the modes follows the system.
func NewTheme(mode Mode) *Theme {
	return &Theme{mode: mode, dark: dark(), light: light(), base: theme.DefaultTheme()}
}

// Mode is the mode that the theme was made with.
func (t *Theme) Mode() Mode { return t.mode }

// Color answers Fyne's colour names and our tokens.
func (t *Theme) Color(name fyne.ThemeColorName, variant fyne.ThemeVariant) color.Color {
	variant = t.variant(variant)
	if c, ok := t.palette(variant)[name]; ok {
		return c
	}
	return t.base.Color(name, variant)
}

// variant is the brightness in force where the system has one.
func (t *Theme) variant(system fyne.ThemeVariant) fyne.ThemeVariant {
	switch t.mode {
	case DarkMode:
		return theme.VariantDark
	case LightMode:
		return theme.VariantLight
	}
	return system
}

func (t *Theme) palette(system fyne.ThemeVariant) palette {
	if t.variant(system) == theme.VariantLight {
		return t.light
	}
	return t.dark
}

// Font answers Fyne's text styles; italic has no cut of its own and stays upright.
func (t *Theme) Font(s fyne.TextStyle) fyne.Resource {
	switch {
	case s.Symbol:
		return t.base.Font(s)
	case s.Monospace && s.Bold:
		return font(MonoBold)
	case s.Monospace:
		return font(Mono)
	case s.Bold:
		return font(SemiBold)
	}
	return font(Regular)
}

// Icon leaves Fyne's own icons as they are; ours are drawn by [Icon].
func (t *Theme) Icon(name fyne.ThemeIconName) fyne.Resource { return t.base.Icon(name) }

// Size answers Fyne's size names.
func (t *Theme) Size(name fyne.ThemeSizeName) float32 {
	switch name {
	case theme.SizeNameText:
		return 13
	case theme.SizeNameCaptionText:
		return 11
	case theme.SizeNameSubHeadingText:
		return 15
	case theme.SizeNameHeadingText:
		return 20
	case theme.SizeNamePadding:
		return 4
	case theme.SizeNameInnerPadding:
		return 7
	case theme.SizeNameInlineIcon:
		return 16
	case theme.SizeNameInputRadius, theme.SizeNameButtonRadius, theme.SizeNameSelectionRadius:
		return 7
	case theme.SizeNameDialogRadius, theme.SizeNamePopupRadius, theme.SizeNameMenuRadius, theme.SizeNameCardRadius:
		return 10
	case theme.SizeNameScrollBar:
		return 8
	case theme.SizeNameScrollBarSmall:
		return 4
	case theme.SizeNameInputBorder:
		return 0 // [Field] draws its own box; an entry's border would be a second one
	}
	return t.base.Size(name)
}

// Weight is a cut of one of the two faces.
type Weight uint8

// The weights.
const (
	Regular Weight = iota
	Medium
	SemiBold
	Bold
	Mono
	MonoBold
)

// font returns the embedded file of a weight. The files are constant, so they are read once for all themes.
func font(w Weight) fyne.Resource { return fonts()[w] }

var fonts = sync.OnceValue(func() [6]fyne.Resource {
	names := [6]string{
		Regular: "Inter-Regular.otf", Medium: "Inter-Medium.otf", SemiBold: "Inter-SemiBold.otf", Bold: "Inter-Bold.otf",
		Mono: "JetBrainsMono-Regular.ttf", MonoBold: "JetBrainsMono-Bold.ttf",
	}
	var rs [6]fyne.Resource
	for i, n := range names {
		rs[i] = fyne.NewStaticResource(n, assets.Font(n))
	}
	return rs
})

// themeNow is the theme of the window, whichever that is when it is asked: for what differs from it in one thing.
type themeNow struct{}

func (themeNow) now() fyne.Theme { return fyne.CurrentApp().Settings().Theme() }

func (t themeNow) Color(name fyne.ThemeColorName, v fyne.ThemeVariant) color.Color {
	return t.now().Color(name, v)
}
func (t themeNow) Font(s fyne.TextStyle) fyne.Resource        { return t.now().Font(s) }
func (t themeNow) Icon(name fyne.ThemeIconName) fyne.Resource { return t.now().Icon(name) }
func (t themeNow) Size(name fyne.ThemeSizeName) float32       { return t.now().Size(name) }
