/** The look: one accent colour, system fonts, dense controls. Contrast of text is at least 4.5:1 on both grounds; a test measures it. */
import {
  type CSSVariablesResolver,
  createTheme,
  type MantineColorsTuple,
  Menu,
  ModalRoot,
  SegmentedControl,
  Tooltip,
} from '@mantine/core'

const door: MantineColorsTuple = [
  '#edf5fa',
  '#d8e8f2',
  '#b1d1e5',
  '#86b9d8',
  '#64a6cf',
  '#4a93c0',
  '#2f7fb0',
  '#1f6a99',
  '#1f5f8b',
  '#184c70',
]

/** The ground, the sheets and the lines of look.css, so that dialogs and fields are of one colour with the pages. */
const dark: MantineColorsTuple = [
  '#e6e8ee',
  '#c9ced9',
  '#a4adbd',
  '#7d8798',
  '#434c5b',
  '#353d4a',
  '#262c37',
  '#1b1f27',
  '#171a21',
  '#14171d',
]

const SYSTEM_FONT =
  'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "Liberation Sans", Arial, sans-serif'

export const theme = createTheme({
  primaryColor: 'door',
  primaryShade: { light: 8, dark: 7 },
  colors: { door, dark },
  defaultRadius: 'sm',
  fontFamily: SYSTEM_FONT,
  fontFamilyMonospace:
    'ui-monospace, SFMono-Regular, Menlo, "DejaVu Sans Mono", "Liberation Mono", Consolas, monospace',
  headings: { fontFamily: SYSTEM_FONT, fontWeight: '650' },
  respectReducedMotion: true,
  cursorType: 'pointer',
  components: {
    // Its way of locking the page behind writes a style sheet that the policy refuses; look.css does it.
    ModalRoot: ModalRoot.extend({ defaultProps: { lockScroll: false, centered: true, returnFocus: true } }),
    // Within its landmark, and with menu items alone inside.
    Menu: Menu.extend({ defaultProps: { withinPortal: false, withInitialFocusPlaceholder: false } }),
    // Its labels would pass through colours of too little contrast, whatever the reader prefers about motion.
    SegmentedControl: SegmentedControl.extend({ defaultProps: { transitionDuration: 0 } }),
    Tooltip: Tooltip.extend({ defaultProps: { withArrow: true, events: { hover: true, focus: true, touch: true } } }),
  },
})

/** What the components' own greys and red would leave under the contrast that text needs. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#566074',
    // The edges of fields and boxes to tick: 3:1 on a sheet. Buttons are told by their words.
    '--mantine-color-gray-4': '#8c95a3',
    '--mantine-color-default-border': '#c6ccd5',
    '--mantine-color-placeholder': '#69727f',
    '--mantine-color-error': '#a3201b',
    '--mantine-color-anchor': '#1f5f8b',
  },
  dark: {
    '--mantine-color-dimmed': '#a4adbd',
    '--mantine-color-default-border': '#434c5b',
    '--mantine-color-placeholder': '#929bab',
    '--mantine-color-error': '#ff9d96',
    '--mantine-color-anchor': '#86b9d8',
  },
})
