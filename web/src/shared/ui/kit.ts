// SPDX-License-Identifier: Apache-2.0
// The only door to the UI kit: everything of it that the app uses, by component, so that the rest stays out of the bundle and
// another kit could take its place. Layout, tables, navigation, badges and empty states are our own.
export { default as Alert } from 'ant-design-vue/es/alert'
export { default as Button } from 'ant-design-vue/es/button'
export { default as Checkbox } from 'ant-design-vue/es/checkbox'
export { default as ConfigProvider } from 'ant-design-vue/es/config-provider'
export { default as Drawer } from 'ant-design-vue/es/drawer'
export { default as Input, InputPassword, Textarea } from 'ant-design-vue/es/input'
export { default as InputNumber } from 'ant-design-vue/es/input-number'
export { default as Modal } from 'ant-design-vue/es/modal'
export { default as Radio, RadioGroup } from 'ant-design-vue/es/radio'
export { default as Segmented } from 'ant-design-vue/es/segmented'
export { default as Select } from 'ant-design-vue/es/select'
export { default as Switch } from 'ant-design-vue/es/switch'
export { default as theme } from 'ant-design-vue/es/theme'
export { default as Tooltip } from 'ant-design-vue/es/tooltip'
