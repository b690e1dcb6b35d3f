// SPDX-License-Identifier: Apache-2.0
import type { ThemeConfig } from 'ant-design-vue/es/config-provider/context'
import { theme } from '@/shared/ui/kit'

/** The kit computes shades from literal colours, so the few that it needs are written here again; tokens.css is the source. */
const kPalettes = {
  light: {
    colorPrimary: '#5151cd',
    colorLink: '#5151cd',
    colorBgBase: '#ffffff',
    colorTextBase: '#191c22',
    colorBgLayout: '#f6f7f9',
    colorBgContainer: '#ffffff',
    colorBgElevated: '#ffffff',
    colorBorder: '#cdd2da',
    colorBorderSecondary: '#e3e6eb',
    colorTextSecondary: '#4d5563',
    colorTextTertiary: '#676f7d',
    colorTextPlaceholder: '#737b89',
    colorTextLightSolid: '#ffffff',
    colorError: '#c4242b',
  },
  dark: {
    colorPrimary: '#8585ef',
    colorLink: '#9a9af5',
    colorBgBase: '#14171c',
    colorTextBase: '#e7e9ed',
    colorBgLayout: '#0d0f13',
    colorBgContainer: '#14171c',
    colorBgElevated: '#1b1f26',
    colorBorder: '#3a414c',
    colorBorderSecondary: '#262b33',
    colorTextSecondary: '#b0b7c3',
    colorTextTertiary: '#8e96a4',
    colorTextPlaceholder: '#868e9c',
    colorTextLightSolid: '#ffffff',
    colorError: '#e5484d',
  },
} as const

export type ThemeName = keyof typeof kPalettes

export function kitTheme(name: ThemeName): ThemeConfig {
  return {
    algorithm: name === 'dark' ? theme.darkAlgorithm : theme.defaultAlgorithm,
    token: {
      ...kPalettes[name],
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
