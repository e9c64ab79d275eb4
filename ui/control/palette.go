package control

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// Token names a colour of the theme.
type Token = fyne.ThemeColorName

// Surfaces, from the darkest to the lightest in the dark palette.
const (
	SurfaceRail   Token = "kit.rail"
	SurfacePanel  Token = "kit.panel"
	SurfaceDetail Token = "kit.detail"
	SurfaceRaised Token = "kit.raised"
	SurfaceCode   Token = "kit.code"
	SurfaceField  Token = "kit.field"
	SurfacePopup  Token = "kit.popup"
	Scrim         Token = "kit.scrim"
	Active        Token = "kit.active" // the chosen entry of a rail
)

// Lines.
const (
	Line      Token = "kit.line"
	FieldLine Token = "kit.fieldLine"
	FocusLine Token = theme.ColorNameFocus
)

// Inks, strongest first. Each is readable (WCAG AA) on every surface.
const (
	Ink      Token = theme.ColorNameForeground
	Muted    Token = "kit.muted"
	Faint    Token = "kit.faint"
	Accent   Token = theme.ColorNamePrimary
	OnAccent Token = theme.ColorNameForegroundOnPrimary
)

// Tones carry meaning: done, information, care, wrong; violet and teal only tell apart.
const (
	Green  Token = "kit.green"
	Blue   Token = "kit.blue"
	Amber  Token = "kit.amber"
	Red    Token = "kit.red"
	Violet Token = "kit.violet"
	Teal   Token = "kit.teal"
)

// States of a thing under the pointer.
const (
	Resting  Token = theme.ColorNameButton
	Hovered  Token = theme.ColorNameHover
	Pressed  Token = theme.ColorNamePressed
	Selected Token = theme.ColorNameSelection
)

type palette map[Token]color.NRGBA

func dark() palette {
	return palette{
		Ink: rgb(0xe8eaf0), Muted: rgb(0x9aa1b0), Faint: rgb(0x838a9b),
		Accent: rgb(0x7c86ff), OnAccent: rgb(0x0d0f1a), theme.ColorNameHyperlink: rgb(0x8f97ff),
		SurfaceRail: rgb(0x0e1013), SurfacePanel: rgb(0x131519), SurfaceDetail: rgb(0x171a1f), SurfaceRaised: rgb(0x1f232a),
		SurfaceCode: rgb(0x131519), SurfaceField: rgb(0x1b1e24), SurfacePopup: rgb(0x1d2027),
		Scrim: rgba(0x00000099), Active: rgba(0x7c86ff1f), Line: rgb(0x23262e), FieldLine: rgb(0x2a2e37), FocusLine: rgba(0x7c86ff8c),
		Green: rgb(0x3ecf8e), Blue: rgb(0x5aa9ff), Amber: rgb(0xf5b14c), Red: rgb(0xff6b6b), Violet: rgb(0xb197fc), Teal: rgb(0x4fd1c5),
		Resting: rgba(0xffffff0f), Hovered: rgba(0xffffff0a), Pressed: rgba(0xffffff17), Selected: rgba(0x7c86ff24),
		theme.ColorNameBackground: rgb(0x131519), theme.ColorNameDisabled: rgb(0x5b6170), theme.ColorNameDisabledButton: rgba(0xffffff08),
		theme.ColorNamePlaceHolder: rgb(0x7f8697), theme.ColorNameInputBackground: rgba(0x1b1e2400), theme.ColorNameInputBorder: rgba(0x1b1e2400),
		theme.ColorNameSeparator: rgb(0x23262e), theme.ColorNameShadow: rgba(0x00000080),
		theme.ColorNameScrollBar: rgba(0xffffff2e), theme.ColorNameScrollBarBackground: rgba(0x13151900),
		theme.ColorNameMenuBackground: rgb(0x1d2027), theme.ColorNameOverlayBackground: rgb(0x181b20), theme.ColorNameHeaderBackground: rgb(0x181b20),
		theme.ColorNameError: rgb(0xff6b6b), theme.ColorNameSuccess: rgb(0x3ecf8e), theme.ColorNameWarning: rgb(0xf5b14c),
	}
}

func light() palette {
	return palette{
		Ink: rgb(0x1a1d26), Muted: rgb(0x555d6c), Faint: rgb(0x666d7b),
		Accent: rgb(0x4f56e0), OnAccent: rgb(0xffffff), theme.ColorNameHyperlink: rgb(0x4f56e0),
		SurfaceRail: rgb(0xf4f5f7), SurfacePanel: rgb(0xfbfbfc), SurfaceDetail: rgb(0xffffff), SurfaceRaised: rgb(0xeef0f3),
		SurfaceCode: rgb(0xf8f9fb), SurfaceField: rgb(0xffffff), SurfacePopup: rgb(0xffffff),
		Scrim: rgba(0x0f172a59), Active: rgba(0x4f56e014), Line: rgb(0xe4e7ec), FieldLine: rgb(0xd3d8e0), FocusLine: rgba(0x4f56e080),
		Green + filled: rgb(0x1fa971), Blue + filled: rgb(0x3b82f6), Amber + filled: rgb(0xeba22e), Red + filled: rgb(0xe5484d), Violet + filled: rgb(0x8b5cf6), Teal + filled: rgb(0x14a39a),
		Green: rgb(0x0f7a51), Blue: rgb(0x1769d6), Amber: rgb(0x935600), Red: rgb(0xc92a37), Violet: rgb(0x7a4fd6), Teal: rgb(0x0b736d),
		Resting: rgba(0x0f172a0d), Hovered: rgba(0x0f172a08), Pressed: rgba(0x0f172a17), Selected: rgba(0x4f56e01a),
		theme.ColorNameBackground: rgb(0xffffff), theme.ColorNameDisabled: rgb(0xa4abb8), theme.ColorNameDisabledButton: rgba(0x0f172a08),
		theme.ColorNamePlaceHolder: rgb(0x757c8a), theme.ColorNameInputBackground: rgba(0xffffff00), theme.ColorNameInputBorder: rgba(0xffffff00),
		theme.ColorNameSeparator: rgb(0xe7e9ee), theme.ColorNameShadow: rgba(0x10182826),
		theme.ColorNameScrollBar: rgba(0x0f172a38), theme.ColorNameScrollBarBackground: rgba(0xffffff00),
		theme.ColorNameMenuBackground: rgb(0xffffff), theme.ColorNameOverlayBackground: rgb(0xffffff), theme.ColorNameHeaderBackground: rgb(0xf6f7f9),
		theme.ColorNameError: rgb(0xc92a37), theme.ColorNameSuccess: rgb(0x0f7a51), theme.ColorNameWarning: rgb(0x935600),
	}
}

func rgb(hex uint32) color.NRGBA { return rgba(hex<<8 | 0xff) }

func rgba(hex uint32) color.NRGBA {
	return color.NRGBA{uint8(hex >> 24), uint8(hex >> 16), uint8(hex >> 8), uint8(hex)}
}

// paint looks a token up; "" is a colour that shows nothing. Under a foreign theme, which knows no tokens, it is
// that of the dark palette.
func paint(t Token) color.Color {
	if t == "" {
		return color.Transparent
	}
	if _, ours := theme.Current().(*Theme); !ours {
		if c, ok := dark()[t]; ok {
			return c
		}
	}
	return theme.Color(t)
}

// filled marks the colour of a tone for areas: what is dark enough to be read in the light palette would look muddy
// in a bar.
const filled = ".filled"

// vivid is the colour of a tone for areas.
func vivid(t Token) color.Color {
	if th, ours := theme.Current().(*Theme); ours {
		v := fyne.CurrentApp().Settings().ThemeVariant()
		if p := th.palette(v); p[t+filled] != (color.NRGBA{}) {
			return p[t+filled]
		}
	}
	return paint(t)
}

// tint is a token's colour at another opacity.
func tint(t Token, alpha uint8) color.Color {
	r, g, b, a := paint(t).RGBA()
	if a == 0 {
		return color.Transparent
	}
	// Undo the premultiplication, so that a colour that is see-through already keeps its hue.
	return color.NRGBA{uint8(r * 0xff / a), uint8(g * 0xff / a), uint8(b * 0xff / a), alpha}
}
