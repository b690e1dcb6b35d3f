// SPDX-License-Identifier: Apache-2.0
import type { ThemeConfig } from 'ant-design-vue/es/config-provider/context'
import { theme } from '@/shared/ui/kit'

/** The kit computes shades from literal colours, so the few that it needs are written here again; tokens.css is the source. */
const kPalettes = {
  light: {
    colorBgBase: '#ffffff',
    colorTextBase: '#191c22',
    colorTextPlaceholder: '#5d6573',
    colorLink: '#5151cd',
    colorLinkHover: '#4343b8',
    colorLinkActive: '#38389f',
  },
  dark: {
    colorBgBase: '#14171c',
    colorTextBase: '#e7e9ed',
    colorTextPlaceholder: '#959dab',
    colorLink: '#9a9af5',
    colorLinkHover: '#b1b1fb',
    colorLinkActive: '#8b8bee',
  },
} as const

/** What the kit would compute otherwise, and too pale to be read: it is put in place of that after the kit's own algorithm. */
const kShades = {
  light: {
    colorPrimary: '#5151cd',
    colorPrimaryHover: '#4343b8',
    colorPrimaryActive: '#38389f',
    colorError: '#c4242b',
    colorErrorHover: '#a91d24',
    colorErrorActive: '#8f171d',
    colorErrorBorderHover: '#a91d24',
    colorBgLayout: '#f6f7f9',
    colorBgContainer: '#ffffff',
    colorBgElevated: '#ffffff',
    colorBorder: '#868d9a',
    colorBorderSecondary: '#e3e6eb',
    colorText: '#191c22',
    colorTextSecondary: '#4d5563',
    colorTextTertiary: '#5d6573',
  },
  dark: {
    colorPrimary: '#9a9af5',
    colorPrimaryHover: '#b1b1fb',
    colorPrimaryActive: '#8b8bee',
    colorError: '#ff8a8a',
    colorErrorHover: '#ffa3a3',
    colorErrorActive: '#f57878',
    colorErrorBorderHover: '#ffa3a3',
    colorBgLayout: '#0d0f13',
    colorBgContainer: '#14171c',
    colorBgElevated: '#1b1f26',
    colorBorder: '#6b7483',
    colorBorderSecondary: '#262b33',
    colorText: '#e7e9ed',
    colorTextSecondary: '#b0b7c3',
    colorTextTertiary: '#959dab',
  },
} as const

/** Text on a filled button: the dark theme's accents are light. */
const kOnFilled = { light: '#ffffff', dark: '#12131c' } as const

export type ThemeName = keyof typeof kPalettes

export function kitTheme(name: ThemeName): ThemeConfig {
  return {
    algorithm: [
      name === 'dark' ? theme.darkAlgorithm : theme.defaultAlgorithm,
      (_seed, shades) => ({ ...shades, ...kShades[name] }) as NonNullable<typeof shades>,
    ],
    components: { Button: { colorTextLightSolid: kOnFilled[name] } },
    token: {
      ...kPalettes[name],
      colorTextLightSolid: '#ffffff',
      fontFamily: 'var(--font)',
      fontSize: 13,
      borderRadius: 6,
      controlHeight: 32,
      controlHeightSM: 26,
      padding: 14,
      paddingLG: 20,
      fontSizeHeading5: 15,
      wireframe: false,
      motionDurationMid: '0.12s',
      motionDurationSlow: '0.16s',
    },
  }
}
